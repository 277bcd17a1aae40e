package release

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor/machine"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
)

// disk looks where a build on this machine writes to. Of a daemon elsewhere nobody tells how much room it has.
func (e *examination) disk(context.Context) doctor.Finding {
	var places []machine.Place
	if e.root != "" {
		places = append(places, machine.Place{Name: output.Name + "/", Dir: filepath.Join(e.root, output.Name)})
	}
	if cache, err := e.cacheDir(); err == nil {
		places = append(places, machine.Place{Name: "the cache", Dir: cache})
	}
	for _, dir := range []string{"/var/lib/buildkit", "/var/lib/docker"} {
		if _, err := os.Stat(dir); err == nil {
			places = append(places, machine.Place{Name: dir, Dir: dir})
		}
	}
	return machine.Disk(places)
}

// buildkit tells which daemon a build takes, and why not one that is looked for before it.
func (e *examination) buildkit(ctx context.Context) doctor.Finding {
	o, err := e.connectOptions(nil)
	if err != nil {
		return failed(err)
	}
	candidates, err := build.Discover(ctx, o)
	if err != nil {
		return failed(err)
	}
	var taken, passed []string
	var platforms, own []string
	for _, c := range candidates {
		switch name := strings.TrimSpace(c.Name + " " + c.Address); {
		case c.Taken:
			taken = append(taken, name+": "+described(c))
			platforms = append(platforms, c.Platforms...)
			own = append(own, c.Platforms[:min(1, len(c.Platforms))]...)
		case len(taken) == 0 || o.Host != "":
			passed = append(passed, fmt.Sprintf("%s: %s", name, c.Why))
		}
	}
	slices.Sort(own)
	own = slices.Compact(own)
	text := strings.Join(append(taken, passed...), "; ")
	switch missing, assumed := e.missingPlatforms(platforms), e.assumed(own); {
	case len(taken) == 0:
		return doctor.Finding{Status: doctor.Fail, Text: text, Remedy: "start a daemon and set BUILDKIT_HOST to its address, or install Docker"}
	case len(passed) > 0 && o.Host != "":
		return warned("start it, or take it out of BUILDKIT_HOST", "%s", text)
	case len(assumed) > 0:
		return warned("name what is meant in astrago.yaml: platforms: ["+strings.Join(own, ", ")+"]",
			"%s; it is no %s, which is what this machine is, and no platforms are named for %s", text, ownPlatform(), strings.Join(assumed, ", "))
	case len(missing) > 0:
		return warned("let it emulate them: docker run --privileged --rm tonistiigi/binfmt --install all", "%s; it does not build %s", text, strings.Join(missing, ", "))
	}
	return fine("%s", text)
}

// described is why a daemon is taken, its version and what it builds. Levels of amd64 say no more than that it builds amd64.
func described(c build.Candidate) string {
	parts := []string{c.Why}
	if c.Version != "" {
		parts = append(parts, c.Version)
	}
	for _, platform := range c.Platforms {
		if !strings.Contains(platform, "/amd64/") {
			parts = append(parts, platform)
		}
	}
	return strings.Join(parts, ", ")
}

// missingPlatforms are those of the plan that a daemon which has answered does not build.
func (e *examination) missingPlatforms(built []string) []string {
	if e.plan == nil || len(built) == 0 {
		return nil
	}
	var missing []string
	for _, image := range e.plan.Images {
		for _, platform := range image.Platforms {
			if !slices.Contains(built, platform) && !slices.Contains(missing, platform) {
				missing = append(missing, platform)
			}
		}
	}
	return missing
}

// assumed are the components that are for this machine where none of the daemons that have answered is of its kind.
func (e *examination) assumed(own []string) (components []string) {
	if e.plan == nil || len(own) == 0 || slices.Contains(own, ownPlatform()) {
		return nil
	}
	for _, image := range e.plan.Images {
		if image.Assumed {
			components = append(components, image.Component)
		}
	}
	return components
}

// loads asks whether images can be loaded where astrago.yaml wants them.
func (e *examination) loads(ctx context.Context) doctor.Finding {
	if e.plan == nil {
		return skipped("needs an environment")
	}
	l, err := e.loader(ctx)
	switch {
	case err != nil:
		return failed(err)
	case l.Target == nil:
		return skipped(l.reason)
	}
	found := fine("images are loaded into %s", l)
	if err := l.Close(); err != nil {
		return failed(err)
	}
	return found
}
