package release

import (
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// daemon reads how a BuildKit daemon of our own is kept. That is a machine's matter, so it is in no repository's file.
func (s *session) daemon() (build.Daemon, error) {
	d := build.Daemon{Traces: s.daemonTraces()}
	if text := s.vars.Get(vars.BuildKitIdle); text != "" {
		idle, err := time.ParseDuration(text)
		if err != nil || idle < 0 {
			return d, problem.New(problem.Usage, "set it to a time such as 30m, or unset it", "reading %s: %q is no duration", vars.BuildKitIdle, text)
		}
		d.Idle = max(idle, 1) // zero is the default
	}
	if text := s.vars.Get(vars.BuildKitSpace); text != "" {
		space, ok := parseSpace(text)
		if !ok {
			return d, problem.New(problem.Usage, "set it to a size such as 50GB, or unset it", "reading %s: %q is no size", vars.BuildKitSpace, text)
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
