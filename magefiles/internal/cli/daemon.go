package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/otlp"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Connect finds BuildKit daemons or starts one.
func (c *Clients) Connect(ctx context.Context, stage *console.Stage) ([]*daemon.Connection, error) {
	o, err := c.ConnectOptions(stage)
	if err != nil {
		return nil, err
	}
	return daemon.ConnectAll(ctx, o)
}

// ConnectOptions returns the addresses of this machine's BuildKit daemons and the settings of astrago-ci's own one.
func (c *Clients) ConnectOptions(stage *console.Stage) (o daemon.Options, err error) {
	o = daemon.Options{
		Host:        c.vars.Get(vars.BuildKitHost),
		TLS:         daemon.TLS{CA: c.vars.Get(vars.BuildKitCA), Cert: c.vars.Get(vars.BuildKitCert), Key: c.vars.Get(vars.BuildKitKey)},
		Docker:      true,
		DockerImage: c.vars.Get(vars.BuildKitImage),
		Sockets:     daemon.LocalSockets(c.vars.Get(vars.RuntimeDir)),
		ToolsDir:    c.ToolsDir,
		Say:         func(format string, args ...any) { fmt.Fprintf(stage.Writer(), format+"\n", args...) },
	}
	if o.CacheDir, err = c.CacheDir(); err != nil {
		return o, err
	}
	if o.Daemon, err = ownDaemon(c.vars); err != nil {
		return o, err
	}
	var unread []error
	o.Daemon.Registries, unread = daemonRegistries(c.Machine())
	for _, err := range unread {
		if stage != nil {
			o.Say("not passing a registry setting on to the BuildKit daemon: %v", err)
		}
	}
	return o, c.Machine().Err()
}

// ownDaemon reads the settings of astrago-ci's own BuildKit daemon. They concern the machine, so no file of a repository has them.
func ownDaemon(v vars.Vars) (daemon.Settings, error) {
	d := daemon.Settings{Traces: daemonTraces(v)}
	if text := v.Get(vars.BuildKitIdle); text != "" {
		idle, err := time.ParseDuration(text)
		if err != nil || idle < 0 {
			return d, problem.New(problem.Usage, "set it to a time such as 30m, or unset it",
				"reading %s: %q is not a duration", vars.BuildKitIdle, text)
		}
		d.Idle = max(idle, 1) // zero is the default
	}
	if text := v.Get(vars.BuildKitSpace); text != "" {
		space, ok := parseSpace(text)
		if !ok {
			return d, problem.New(problem.Usage, "set it to a size such as 50GB, or unset it",
				"reading %s: %q is not a size", vars.BuildKitSpace, text)
		}
		d.MaxSpace = space
	}
	return d, nil
}

// parseSpace reads a size in MB, GB or TB: powers of ten, as BuildKit's own configuration has them.
func parseSpace(text string) (int64, bool) {
	for unit, size := range map[string]int64{"MB": 1e6, "GB": 1e9, "TB": 1e12} {
		if digits, ok := strings.CutSuffix(strings.ToUpper(text), unit); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 32)
			return n * size, err == nil && n > 0
		}
	}
	return 0, false
}

// daemonTraces lets astrago-ci's own BuildKit daemon send its spans to the same collector. It sends no measurements there.
func daemonTraces(v vars.Vars) []string {
	endpoint := v.Get(vars.TracesEndpoint)
	if endpoint == "" {
		return nil
	}
	environ := []string{
		string(vars.TracesEndpoint) + "=" + endpoint,
		string(vars.TracesProtocol) + "=" + cmp.Or(v.Get(vars.TracesProtocol), otlp.HTTP), // BuildKit's default is another
		"OTEL_METRICS_EXPORTER=none", "OTEL_IGNORE_ERROR=true",
	}
	if headers := v.Get(vars.TracesHeaders); headers != "" {
		environ = append(environ, string(vars.TracesHeaders)+"="+headers)
	}
	return environ
}
