package targets

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// Go's collector begins at 4 MB, which a small command reaches several times: a third of its processor time goes there.
const (
	usualPercent = 100 // the default of GOGC
	startPercent = 1600
)

// collectLate lets the collector begin at 64 MB, and work as usual from then on. Another GOGC than Go's default is kept.
var collectLate = sync.OnceFunc(func() {
	if before := debug.SetGCPercent(startPercent); before != usualPercent {
		debug.SetGCPercent(before)
		return
	}
	// What is unreachable at once is found by the first collection.
	runtime.AddCleanup(new([1 << 10]byte), func(percent int) { debug.SetGCPercent(percent) }, usualPercent)
})
