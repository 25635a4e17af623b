"""
One function a use case, one transaction each.

record      write and check the hash-chained record
people      accounts, passwords, single-use sign-in links
accounts    what the office does with people: invite, close, phones
rounds      make a round, find it, tell where it stands
framing     check an uploaded frame, seal it
drawing     draw, redraw, the folder of a draw
cards       tokens, links, QR, reissue
card_files  cards, lists and links as files to print
guesses     how many wrong codes may be typed
password_tries  how often a password may be tried
keys        the ballot box's key pair and its two halves
ballots     what lies inside the seal
visits      keep each visit once, its time put right
releases    give a unit up, release its reserve
casting     what a card can do, and the moment it is spent
closing     open the box once, destroy key and traces
phones_online  when phones were last online
fieldwork   open the fieldwork, who has answered
assigning   who visits which place, by hand or shared out
progress    what the visits come to, as numbers
callbacks   completed units asked again
signals     pace of sending, replacements and call-backs by investigator
results     the exported rows, the scores
small_groups  what pages leave out of groups with fewer than five answers
jobs        long acts in the background
"""
