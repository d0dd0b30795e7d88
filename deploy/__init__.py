"""What hosts need beside the site: configuration for nginx."""
