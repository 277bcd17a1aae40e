package targets_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"
)

var (
	streamTime = flag.Duration("stream", 0, "for how long TestStream begins another stream, with the next seed")
	streamSeed = flag.Uint64("seed", 6, "seed of TestStream's first stream")
)

const (
	streamReleases = 50 // in one stream, beside everything else
	inFlight       = 3  // processes at once
	untilQuiet     = 12 // operations between two quiet points
)

// TestStream takes three services through releases, promotions, rollbacks and holds in three environments, from several
// processes at once, with faults and kills, and holds what is left against a model. Some environments keep the tags of unchanged
// images. Every stream is made from its seed:
//
//	go test ./magefiles/targets -run TestStream -seed=6             one stream
//	go test ./magefiles/targets -run TestStream -seed=6 -stream=10m streams of the seeds from 6 on, for ten minutes
func TestStream(t *testing.T) {
	t.Parallel()
	var sum counts
	began := time.Now()
	for seed := *streamSeed; ; seed++ {
		if !t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { sum.add(newStream(t, seed).run()) }) || time.Since(began) >= *streamTime {
			break
		}
	}
	t.Logf("in all: %s", sum)
}

// counts are what a stream did, by name.
type counts map[string]int

func (c *counts) add(other counts) {
	if *c == nil {
		*c = counts{}
	}
	for name, n := range other {
		(*c)[name] += n
	}
}

func (c counts) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(c)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, c[name]))
	}
	return strings.Join(parts, ", ")
}

// stream is one stream under way.
type stream struct {
	*world

	seed     uint64
	sources  map[string]*source     // by service
	slots    map[string]chan string // by service: checkouts that nobody works in
	policies map[unit]policy
	history  history           // what was checked already
	digests  map[string]string // by tag, forever
	asked    map[string]string // digests by tag, as they are at this quiet point; "" where there is none
	building bool              // whether what is judged may have built images of which no tag tells
	looked   map[string]int    // length of the history at which a tag was last looked at
	puller   *remote.Puller
	appKey   string   // of every App, in PEM
	clones   string   // directory of those that one operation works in
	left     []string // directories that processes write to

	mu         sync.Mutex
	counts     counts
	attempts   []*attempt          // of this batch
	running    map[string]*attempt // by identity
	senders    map[string]*attempt // by operation and the commit, or its parent, that a request to commit names
	operations []*operation
	colleagues map[string]colleague // by commit
	edits      int
	errs       []error
}

// run goes on until the releases are done, and gives what was done. A failure prints how to have it again.
func (s *stream) run() counts {
	s.t.Logf("seed %d", s.seed)
	defer func() {
		if s.t.Failed() {
			s.t.Logf("operations:\n%s\nagain: go test ./magefiles/targets -run TestStream -seed=%d", s.listing(), s.seed)
		}
		s.t.Logf("seed %d: %s", s.seed, s.counts)
	}()
	g := newGenerator(s.seed)
	s.work(g.opening(), 1)
	for s.counts["releases done"] < streamReleases && !s.t.Failed() {
		var operations []*operation
		for range untilQuiet {
			operations = append(operations, g.next())
		}
		s.work(operations, inFlight)
	}
	if !s.t.Failed() { // else the model has left what is there
		s.checkStatus()
		s.checkDryRuns()
		s.checkSeen()
	}
	s.checkFiles()
	return s.counts
}

// work executes operations, some at once, and holds what they have done against the model.
func (s *stream) work(operations []*operation, atOnce int) {
	var batch sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for _, o := range operations {
		s.operations = append(s.operations, o)
		free <- struct{}{}
		s.count("operations: " + o.kind)
		if o.commits != "" {
			s.sources[o.service].commit(o.commits)
		}
		batch.Go(func() {
			s.note(s.execute(o))
			<-free
		})
	}
	batch.Wait()
	s.check()
}

// note keeps what went wrong outside of the test's own goroutine.
func (s *stream) note(err error) {
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.errs = append(s.errs, err)
	}
}

// noted reports what was kept.
func (s *stream) noted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.errs...); err != nil {
		s.t.Error(err)
	}
	s.errs = nil
}

func (s *stream) listing() string {
	var b strings.Builder
	for _, o := range s.operations {
		fmt.Fprintln(&b, o)
	}
	return b.String()
}
