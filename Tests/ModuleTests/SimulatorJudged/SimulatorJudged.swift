import TestSupport
import Testing

/// Programs that know the real cards judge the simulated one. Martlet's own module has no part in this.
@Suite struct SimulatorJudged {}
