"""What crmkit plugin new writes."""
