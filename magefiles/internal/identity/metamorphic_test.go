package identity_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

var (
	metamorphicTime = flag.Duration("metamorphic", 0, "how long TestMetamorphic runs; zero is 200 mutations")
	metamorphicSeed = flag.Uint64("seed", 1, "first seed of TestMetamorphic")
)

const (
	mutationsInCI    = 200
	mutationsOfWorld = 8
	leastReuse       = 0.95 // of what is equal
)

// tally counts what came of mutations.
type tally struct {
	mutations, equal, reused, other, refused, broken int

	kinds  map[string]int // that occurred: mutations that were judged, lines and bases of images that were built
	missed map[string]int // mutations that made an equal image, which was not reused
}

// TestMetamorphic holds the product against BuildKit itself: the committed tree is built by a plain solve without cache and
// without any code of the product, before and after one change. Where files or configuration differ, the product must have
// another key and build that very image, or refuse; where they are equal, it should have the same key.
func TestMetamorphic(t *testing.T) {
	all := tally{kinds: map[string]int{}, missed: map[string]int{}}
	end := time.Now().Add(*metamorphicTime)
	for number := uint64(0); (*metamorphicTime > 0 && time.Now().Before(end)) || (*metamorphicTime == 0 && all.mutations < mutationsInCI); number++ {
		seed := *metamorphicSeed + number
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { newWorld(t, seed).live(&all) })
	}
	t.Logf("%d mutations: %d equal, %d of them reused; %d other, %d refused, %d that do not build",
		all.mutations, all.equal, all.reused, all.other, all.refused, all.broken)
	for _, name := range slices.Sorted(maps.Keys(all.missed)) {
		t.Logf("built although equal: %d × %s", all.missed[name], name)
	}
	if never := all.never(); len(never) > 0 && all.mutations >= mutationsInCI {
		t.Errorf("these kinds never occurred:\n%s", strings.Join(never, "\n"))
	}
	if all.equal == 0 || all.other == 0 || all.refused == 0 || float64(all.reused) < leastReuse*float64(all.equal) {
		t.Errorf("%+v: want some of each, and %.0f %% of the equal ones reused", all, 100*leastReuse)
	}
}

// seen is a world at one moment.
type seen struct {
	plain   plainImage
	options identity.Options
	print   identity.Fingerprint
	refused string
}

// look computes what the product knows of a world; the oracle is asked where the commit is another.
func (w *world) look(before *seen) (now seen, err error) {
	now.options = w.options()
	now.options.Version = buildkit.KeyVersion
	prints, err := identity.Compute(w.t.Context(), []plan.Image{w.image}, now.options)
	w.must(err)
	now.print = prints[w.image.Component]
	commit, err := git.Head(w.t.Context(), w.root, git.Hints{})
	w.must(err)
	findings, err := now.options.Files.Uncertain(w.t.Context(), nil)
	w.must(err)
	if commit.IsDirty() || len(findings) > 0 {
		now.refused = fmt.Sprint(commit.Dirty, findings)
	}
	if w.flag && before != nil {
		now.plain = before.plain
		return now, nil
	}
	now.plain, err = w.oracle(daemon.Connection(w.t).Client)
	return now, err
}

// live lets a world change some times.
func (w *world) live(all *tally) {
	before, err := w.look(nil)
	if err != nil { // nor does it by the product, which is not more than BuildKit
		all.broken++
		w.t.Logf("it does not build: %v", err)
		return
	}
	all.built(w)
	if w.chance(2) {
		w.compare("the beginning", before)
	}
	for _, m := range w.fate() {
		if !m.do(w) {
			continue
		}
		if !w.flag {
			w.commit()
		}
		all.mutations++
		after, err := w.look(&before)
		if err != nil {
			all.broken++
			return
		}
		all.kinds[m.name]++
		w.judge(m.name, before, after, all)
		if w.flag {
			return
		}
		before = after
	}
}

func (w *world) judge(name string, before, after seen, all *tally) {
	equal, same := before.plain == after.plain, after.print.Key != "" && before.print.Key == after.print.Key
	switch {
	case after.refused != "":
		all.refused++
	case same && !equal:
		w.t.Errorf("%s: the image of before is published as that of after\n%s\n%s", name, strings.Join(w.lines, "\n"), difference(before.plain, after.plain))
	case same:
		all.equal++
		all.reused++
	default:
		if equal {
			all.equal++
			all.missed[name]++
		} else {
			all.other++
		}
		if w.flag || w.chance(4) {
			w.compare(name, after)
		}
	}
}

// compare holds the image that the product builds against that of the oracle.
func (w *world) compare(name string, now seen) {
	got, err := w.product(now.options, now.print)
	if err != nil {
		w.t.Errorf("%s: the product does not build it: %v", name, err)
		return
	}
	if got != now.plain {
		w.t.Errorf("%s: the product has built another image\n%s\n%s", name, strings.Join(w.lines, "\n"), difference(now.plain, got))
	}
}

func difference(before, after plainImage) string {
	var lines []string
	was, is := strings.Split(before.files+"\n"+before.config, "\n"), strings.Split(after.files+"\n"+after.config, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return strings.Join(lines[:min(len(lines), linesShown)], "\n")
}

const linesShown = 12
