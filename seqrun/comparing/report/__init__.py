"""Many runs as one document that needs nothing else: a page of HTML, or Markdown for a pull request."""
