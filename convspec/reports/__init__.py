"""Pictures of trainings and searches, and the report that holds them all in one file."""
