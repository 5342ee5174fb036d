"""Findings, diagnoses and runs in the forms that people and programs read: text, cards, page, JSON, JUnit."""
