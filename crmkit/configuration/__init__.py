"""What an admin configures: the settings of the business, option lists, custom and required fields, by operations; and
all of the configuration as files, to be kept with other code, compared, and carried from one installation to another.
"""
