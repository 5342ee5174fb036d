"""The records and objects of the practice org, and who may see which."""
