"""Users, teams, roles and grants, and what follows from them: who may see and do what."""
