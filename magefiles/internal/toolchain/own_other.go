//go:build !unix

package toolchain

// requireOwn takes what there is: elsewhere a user's cache is closed to others by the system.
func requireOwn(...string) error { return nil }
