"""The respondent's pages: no JavaScript, no cookies, no session; the token in the path is the permission."""
