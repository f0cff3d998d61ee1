"""Care: onboarding lists, adoption milestones, and the calendar of renewals and reviews."""
