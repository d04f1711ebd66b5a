"""What programs ask over HTTP: FastAPI lives here, SQL and the command line do not."""
