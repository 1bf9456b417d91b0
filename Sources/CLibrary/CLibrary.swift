// The one place that names the C library, as it has another name on each system: every other file imports this room.
// Compiled and tested with glibc on x86-64. The other two are here on paper: nothing was built with them yet.

#if canImport(Glibc)
    @_exported import Glibc
#elseif canImport(Musl)
    @_exported import Musl
#elseif canImport(Darwin)
    @_exported import Darwin
#endif
