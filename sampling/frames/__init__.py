"""The frame: lists read strictly from files, checked whole, put in order."""
