package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

func functions() template.FuncMap {
	return template.FuncMap{
		"digest": status.ShortDigest,
		"join":   strings.Join,
		"count":  count,
		"drift":  drift,
		"kind":   kind,
		"state":  state,
		"argocd": argocd,
		"behind": func(s *status.Source) int { return *s.Behind },
		"health": health,
		"worst":  worst,
		"argocds": func(m matrix) bool {
			return slices.ContainsFunc(m.Columns, func(c column) bool { return c.Environment.ArgoCD != nil })
		},
	}
}

// count is a number of commits.
func count(n int) webpage.Text {
	if n == 1 {
		return webpage.Both("1 commit", "커밋 1개")
	}
	return webpage.Both(fmt.Sprintf("%d commits", n), fmt.Sprintf("커밋 %d개", n))
}

// busy is how an application is shown that is on its way.
const busy status.State = "busy"

// worst is the health of the application that needs a look most.
func worst(e status.Environment) status.State {
	order := []status.State{"", status.OK, busy, status.Held, status.Unknown, status.Drifted}
	var state status.State
	for _, a := range e.Applications() {
		if found := health(a); slices.Index(order, found) > slices.Index(order, state) {
			state = found
		}
	}
	return state
}

// health is the state that an application is shown with: its own, and less than good where it is not Healthy.
func health(a *status.ArgoCD) status.State {
	switch {
	case !a.Asked:
		return ""
	case a.State != status.OK:
		return a.State
	case a.Health == "Degraded" || a.Health == "Missing":
		return status.Drifted
	case a.Running || a.Health != "Healthy" || a.Sync != "Synced":
		return busy
	}
	return status.OK
}
