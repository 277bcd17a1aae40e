package daemon

import "time"

const (
	startTimeout = time.Minute           // for a daemon to answer; it opens its databases first
	pollInterval = 10 * time.Millisecond // how often a daemon that is coming up is tried
)
