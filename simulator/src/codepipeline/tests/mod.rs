//! Laws of the simulated CodePipeline.
