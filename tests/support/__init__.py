"""What tests are made of: projects, targets, servers, faults."""
