package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor/machine"
	"github.com/xiilab/astrago-ci/magefiles/internal/images"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
)

// checkDisk looks where a build on this machine writes to. Disk space of remote daemons is not checked.
func (d *doctorRun) checkDisk(context.Context) doctor.Finding {
	var places []machine.Place
	if d.env.Project.Root != "" {
		places = append(places, machine.Place{Name: output.Name + "/", Dir: filepath.Join(d.env.Project.Root, output.Name)})
	}
	if cache, err := d.env.Clients.CacheDir(); err == nil {
		places = append(places, machine.Place{Name: "the cache", Dir: cache})
	}
	for _, dir := range []string{"/var/lib/buildkit", "/var/lib/docker"} {
		if _, err := os.Stat(dir); err == nil {
			places = append(places, machine.Place{Name: dir, Dir: dir})
		}
	}
	return machine.Disk(places)
}

// checkBuildKit tells which daemon a build takes, and why not one that is looked for before it.
func (d *doctorRun) checkBuildKit(ctx context.Context) doctor.Finding {
	o, err := d.env.Clients.ConnectOptions(nil)
	if err != nil {
		return failFinding(err)
	}
	candidates, err := daemon.Discover(ctx, o)
	if err != nil {
		return failFinding(err)
	}
	var taken, passed []string
	var platforms, own []string
	for _, c := range candidates {
		switch name := strings.TrimSpace(c.Name + " " + c.Address); {
		case c.Taken:
			taken = append(taken, name+": "+describeCandidate(c))
			platforms = append(platforms, c.Platforms...)
			own = append(own, c.Platforms[:min(1, len(c.Platforms))]...)
		case len(taken) == 0 || o.Host != "":
			passed = append(passed, fmt.Sprintf("%s: %s", name, c.Why))
		}
	}
	slices.Sort(own)
	own = slices.Compact(own)
	text := strings.Join(append(taken, passed...), "; ")
	switch missing, assumed := missingPlatforms(d, platforms), assumedComponents(d, own); {
	case len(taken) == 0:
		const remedy = "start a daemon and set BUILDKIT_HOST to its address, or install Docker"
		return doctor.Finding{Status: doctor.Fail, Text: text, Remedy: remedy}
	case len(passed) > 0 && o.Host != "":
		return warnFinding("start it, or take it out of BUILDKIT_HOST", "%s", text)
	case len(assumed) > 0:
		return warnFinding("name what is meant in astrago.yaml: platforms: ["+strings.Join(own, ", ")+"]",
			"%s; it is no %s, which is what this machine is, and no platforms are named for %s", text, inputs.HostPlatform(),
			component.Join(assumed, ", "))
	case len(missing) > 0:
		return warnFinding("let it emulate them: docker run --privileged --rm tonistiigi/binfmt --install all",
			"%s; it does not build %s", text, strings.Join(missing, ", "))
	}
	return okFinding("%s", text)
}

// describeCandidate returns why a daemon is taken, its version and what it builds. Levels of amd64 say no more than that it builds amd64.
func describeCandidate(c daemon.Candidate) string {
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
func missingPlatforms(d *doctorRun, built []string) []string {
	if d.env.Project.Plan == nil || len(built) == 0 {
		return nil
	}
	var missing []string
	for _, image := range d.env.Project.Plan.Images {
		for _, platform := range image.Platforms {
			if !slices.Contains(built, platform) && !slices.Contains(missing, platform) {
				missing = append(missing, platform)
			}
		}
	}
	return missing
}

// assumedComponents are the components that are for this machine where none of the daemons that have answered is of its kind.
func assumedComponents(d *doctorRun, own []string) (components []component.Name) {
	if d.env.Project.Plan == nil || len(own) == 0 || slices.Contains(own, inputs.HostPlatform()) {
		return nil
	}
	for _, image := range d.env.Project.Plan.Images {
		if image.Assumed {
			components = append(components, image.Component)
		}
	}
	return components
}

// checkLoad asks whether images can be loaded where astrago.yaml wants them.
func (d *doctorRun) checkLoad(ctx context.Context) doctor.Finding {
	if d.env.Project.Plan == nil {
		return skipFinding("needs an environment")
	}
	l, err := images.FindLoader(ctx, d.env)
	switch {
	case err != nil:
		return failFinding(err)
	case l.Target == nil:
		return skipFinding(l.Reason)
	}
	found := okFinding("images are loaded into %s", l)
	if err := l.Close(); err != nil {
		return failFinding(err)
	}
	return found
}
