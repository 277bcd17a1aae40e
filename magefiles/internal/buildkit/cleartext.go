package buildkit

import (
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const clearRemedy = "give the daemon a certificate, and set BUILDKIT_TLS_CA, BUILDKIT_TLS_CERT and BUILDKIT_TLS_KEY " +
	"(or ?cacert=, cert=, key= of its address); or reach it by ssh://"

// requirePrivate refuses to hand build secrets or SSH keys to a daemon that is reached in the clear, and warns of one: what is
// built there, and the short-lived tokens with which it pulls and pushes, can be read and changed on the way.
func requirePrivate(connections []*daemon.Connection, pending []*job, warn func(progress.Warning)) error {
	for _, c := range connections {
		if !c.InTheClear {
			continue
		}
		for _, j := range pending {
			if len(j.secrets) > 0 || j.ssh != nil {
				return problem.New(problem.Refused, clearRemedy,
					"building component %q: its secrets or SSH keys would travel in the clear to the BuildKit daemon at %s",
					j.Component, c.Address)
			}
		}
		if warn != nil {
			message := "the BuildKit daemon at %s is reached without TLS: others on the way can read and change what it builds"
			warn(progress.Warning{Message: fmt.Sprintf(message, c.Address), Remedy: clearRemedy})
		}
	}
	return nil
}
