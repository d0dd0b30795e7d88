"""The parts that tests are built from: projects, targets, servers, faults."""
