"""
What is printed: layout alone, no database.

qr          QR codes: matrix, runs of dark modules, SVG
fonts       the embedded font, and which characters it has
drawing     mark, wrapped text and QR on a PDF page
cards_pdf   eight cards a page
lists       the investigator's list as PDF, CSV and XLSX
flow        rows that flow down pages
questionnaire  a group's questionnaire on paper
"""
