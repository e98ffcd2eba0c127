"""Which of the settings that two experiments differ in makes the difference of their metrics."""
