"""CloudFormation, packaging, and the local run. Nothing in here is deployed as code."""
