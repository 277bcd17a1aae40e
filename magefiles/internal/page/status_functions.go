package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

func statusFunctions() template.FuncMap {
	return template.FuncMap{
		"digest": func(text string) string { return imageref.ShortDigest(digest.Digest(text)) },
		"join":   strings.Join,
		"names":  component.Join,
		"count":  commitCount,
		"drift":  driftName,
		"kind":   eventName,
		"state":  stateName,
		"argocd": argocdWord,
		"behind": func(s *status.Source) int { return *s.Behind },
		"health": applicationHealth,
		"worst":  worstHealth,
		"argocds": func(m matrix) bool {
			return slices.ContainsFunc(m.Columns, func(c matrixColumn) bool { return c.Environment.ArgoCD != nil })
		},
	}
}

// commitCount is a number of commits.
func commitCount(n int) webpage.Text {
	if n == 1 {
		return webpage.Both("1 commit", "커밋 1개")
	}
	return webpage.Both(fmt.Sprintf("%d commits", n), fmt.Sprintf("커밋 %d개", n))
}

// busyState is the displayed state of an application that is being synced.
const busyState status.State = "busy"

// worstHealth is the health of the application that needs a look most.
func worstHealth(e status.Environment) status.State {
	order := []status.State{"", status.OK, busyState, status.Held, status.Unknown, status.Drifted}
	var state status.State
	for _, a := range e.Applications() {
		if found := applicationHealth(a); slices.Index(order, found) > slices.Index(order, state) {
			state = found
		}
	}
	return state
}

// applicationHealth is the state that an application is shown with: its own, and less than good where it is not Healthy.
func applicationHealth(a *status.ArgoCD) status.State {
	switch {
	case !a.Asked:
		return ""
	case a.State != status.OK:
		return a.State
	case a.Health == "Degraded" || a.Health == "Missing":
		return status.Drifted
	case a.Running || a.Health != "Healthy" || a.Sync != "Synced":
		return busyState
	}
	return status.OK
}
