package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
)

// daemonChecks returns the check that a BuildKit daemon which astrago-ci did not start has this machine's settings of the images'
// registries. Its own daemons get them; where this machine has no settings, there is nothing to check.
func (d *doctorRun) daemonChecks() []doctor.Check {
	options, err := d.env.Clients.ConnectOptions(nil)
	if err != nil {
		return nil // the check of the daemon itself says why
	}
	var needed []daemon.Registry
	for _, repository := range d.env.Project.Repositories() {
		host := repository.Host
		at := slices.IndexFunc(options.Daemon.Registries, func(r daemon.Registry) bool { return r.Host == host })
		known := slices.ContainsFunc(needed, func(r daemon.Registry) bool { return r.Host == host })
		if at >= 0 && !known {
			needed = append(needed, options.Daemon.Registries[at])
		}
	}
	if len(needed) == 0 {
		return nil
	}
	return []doctor.Check{{
		Group: "build", Name: "registries", Late: "start that daemon, or unset BUILDKIT_HOST to use one on this machine",
		Run: func(ctx context.Context) doctor.Finding { return checkDaemonRegistries(ctx, options, needed) },
	}}
}

func checkDaemonRegistries(ctx context.Context, o daemon.Options, needed []daemon.Registry) doctor.Finding {
	candidates, err := daemon.Discover(ctx, o)
	if err != nil {
		return failFinding(err)
	}
	for _, c := range candidates {
		if !c.Taken || c.Name != daemon.CandidateHost && c.Name != daemon.CandidateSocket {
			continue
		}
		missing, file := needed, ""
		if text, path := daemonConfig(c); path != "" {
			if missing, err = daemon.MissingRegistries(text, needed); err != nil {
				return failFinding(err)
			}
			file = path
		}
		if len(missing) > 0 {
			return missingFinding(c, file, missing)
		}
	}
	return okFinding("the daemon knows the registries as this machine does")
}

// daemonConfig reads what a daemon on this machine is configured by, where BuildKit looks for it; nothing for another machine's.
func daemonConfig(c daemon.Candidate) (text []byte, path string) {
	socket, local := strings.CutPrefix(c.Address, "unix://")
	if !local || !c.Local {
		return nil, ""
	}
	path = "/etc/buildkit/buildkitd.toml"
	if strings.HasPrefix(socket, "/run/user/") {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil, ""
		}
		path = filepath.Join(dir, "buildkit", "buildkitd.toml")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, ""
	}
	return text, path
}

// missingFinding names the lines that a daemon's configuration lacks, or may lack where it cannot be seen.
func missingFinding(c daemon.Candidate, file string, missing []daemon.Registry) doctor.Finding {
	names := make([]string, len(missing))
	for i, r := range missing {
		names[i] = r.Host
	}
	lines, err := daemon.RegistryTables(missing)
	if err != nil {
		return failFinding(err)
	}
	where, text := file, fmt.Sprintf("%s does not say how %s is reached", file, strings.Join(names, ", "))
	if file == "" {
		where = "the buildkitd.toml of " + c.Address
		text = fmt.Sprintf("this machine says how %s is reached, and whether %s knows it too cannot be seen from here",
			strings.Join(names, ", "), c.Address)
	}
	return warnFinding(fmt.Sprintf("%s needs these lines, with files of its own:\n%s", where, strings.TrimSpace(string(lines))), "%s", text)
}
