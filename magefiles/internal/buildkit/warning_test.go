package buildkit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Two components of one Dockerfile and one of another.
func checked(t *testing.T) *repository {
	t.Helper()
	r := newRepository(t)
	r.component("core", "from scratch AS Build\nCOPY toolbox /\n")
	r.component("batch", "FROM scratch\nCOPY toolbox /\n").Dockerfile = "docker/core/Dockerfile"
	r.component("monitor", "FROM scratch\nMAINTAINER nobody\nCOPY toolbox /\n")
	return r
}

func TestChecksAreToldOnceForEachPlace(t *testing.T) {
	r := checked(t)
	var told []progress.Warning
	r.opts.Warn = func(w progress.Warning) { told = append(told, w) }
	images := r.must()
	var got []string
	for _, w := range told {
		slices.Sort(w.Components)
		got = append(got, w.Place.String()+" "+w.Rule+" "+strings.Join(component.Texts(w.Components), "+"))
		if w.Message == "" || strings.Contains(w.Message, "(line ") || !strings.HasPrefix(w.Remedy, "https://") {
			t.Errorf("%+v", w)
		}
	}
	want := []string{
		"docker/core/Dockerfile:1 FromAsCasing batch+core",
		"docker/core/Dockerfile:1 StageNameCasing batch+core",
		"docker/monitor/Dockerfile:2 MaintainerDeprecated monitor",
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%q is missing in %q", w, got)
		}
	}
	if len(slices.Compact(got)) != len(got) || !slices.IsSorted(got) {
		t.Errorf("not once each, or not by place: %q", got)
	}
	if images[0].Warnings == 0 || images[0].Warnings != images[1].Warnings || images[2].Warnings != 1 {
		t.Errorf("%d, %d and %d warnings", images[0].Warnings, images[1].Warnings, images[2].Warnings)
	}
	if !strings.Contains(r.output.String(), ", 1 warning\n") {
		t.Errorf("the closing line does not count them:\n%s", r.output.String())
	}
}

func TestLintFailsWithAllChecksAtOnce(t *testing.T) {
	r := checked(t)
	r.opts.Lint = true
	r.opts.Warn = func(w progress.Warning) { t.Errorf("an error is a warning, too: %+v", w) }
	_, err := r.run()
	if p := problem.As(err); p == nil || p.ExitStatus() != problem.Failed {
		t.Fatalf("got %v", err)
	}
	e := report.NewError(err)
	places := map[string]int{e.Place.String(): 1}
	for _, more := range e.More {
		places[more.Place.String()]++
		if !strings.HasPrefix(more.Remedy, "https://") {
			t.Errorf("%+v", more)
		}
	}
	if places["docker/core/Dockerfile:1"] < 2 || places["docker/monitor/Dockerfile:2"] != 1 {
		t.Errorf("places %v", places)
	}
	if _, ok := openLayout(t, r.opts.Layout).Find(r.plan.Images[0].Ref()); ok {
		t.Error("an image that did not pass has its name")
	}
}

// Linting is no part of what a daemon builds: the digest and the cache stay.
func TestLintChangesNoImage(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"RUN echo fine\n")
	plain := r.must()[0]
	r.opts.Lint = true
	linted := r.must()[0]
	if linted.Descriptor.Digest != plain.Descriptor.Digest || linted.CachedSteps != linted.Steps {
		t.Errorf("%+v, and with lint %+v", plain, linted)
	}
}

// A failed build still says what its checks found.
func TestChecksOfAFailedBuildAreTold(t *testing.T) {
	r := newRepository(t)
	r.opts.Lint = true
	told := 0
	r.opts.Warn = func(progress.Warning) { told++ }
	r.component("core", "from scratch\nCOPY toolbox /bin/sh\nRUN exit 3\n")
	if _, err := r.run(); err == nil || told == 0 {
		t.Errorf("%d warnings, error %v", told, err)
	}
}
