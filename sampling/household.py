RULES = {"next_birthday": 1, "kish": 2}
