// Package doctor runs checks that look and change nothing: all at once, each within a bounded time, so that one server
// that hangs hides nothing of the others. What is checked is known by the rooms that do the work.
package doctor

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Status is the outcome of a check.
type Status string

// The statuses, of which only Fail makes a run fail.
const (
	OK      Status = "ok"
	Warn    Status = "warn"    // works, and may not tomorrow or not for everyone
	Fail    Status = "fail"    // a release from here fails
	Skipped Status = "skipped" // does not apply here, or needs another check's success
)

// Finding is the result of a check.
type Finding struct {
	Status Status
	Text   string // what was found, without what is secret
	Remedy string // what to do next, one thing a line; empty where nothing is to be done
}

// Check is one question. Run ends with its context; one that does not is left behind when its time is over.
type Check struct {
	Group   string // heading under which it is shown
	Name    string
	Subject string // what it is asked of, where it is asked of several; else empty
	Late    string // remedy where there is no answer in time
	Run     func(ctx context.Context) Finding
}

// Result is the outcome of one check.
type Result struct {
	Group, Name, Subject string
	Finding
	Took time.Duration
}

// Run runs all checks at once, for limit at most, and returns their results in the order of the checks. A context that ends makes failures
// of those that have not answered.
func Run(ctx context.Context, checks []Check, limit time.Duration) []Result {
	// One deadline for all: what checks share ends for each of them at once.
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	results := make([]Result, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { results[i] = check.run(ctx) })
	}
	group.Wait()
	return results
}

func (c Check) run(ctx context.Context) Result {
	began, found := time.Now(), make(chan Finding, 1)
	go func() { found <- c.Run(ctx) }()
	result := Result{Group: c.Group, Name: c.Name, Subject: c.Subject}
	select {
	case result.Finding = <-found:
		if cause := context.Cause(ctx); cause != nil && result.Status == Fail { // its own words are an echo of the end
			result.Text, result.Remedy = cause.Error(), c.Late
		}
	case <-ctx.Done():
		result.Finding = Finding{Status: Fail, Text: context.Cause(ctx).Error(), Remedy: c.Late}
	}
	result.Took = time.Since(began)
	return result
}

// Count returns the number of results with a status.
func Count(results []Result, status Status) int {
	var n int
	for _, r := range results {
		if r.Status == status {
			n++
		}
	}
	return n
}
