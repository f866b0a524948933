"""Play Salesforce: write messages as it does, and judge the answers as it does."""
