//! The world served on a port, for `sam local invoke`, the AWS CLI and any SDK.
