package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

func functions() template.FuncMap {
	return template.FuncMap{
		"t":      text,
		"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"plain":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") },
		"short":  func(sha string) string { return sha[:min(8, len(sha))] },
		"digest": status.ShortDigest,
		"join":   strings.Join,
		"count":  count,
		"drift":  drift,
		"kind":   kind,
		"state":  state,
		"argocd": argocd,
		"web":    web,
		"pair":   func(text, address string) linked { return linked{text, address} },
		"behind": func(s *status.Source) int { return *s.Behind },
		"health": health,
		"argocds": func(m matrix) bool {
			return slices.ContainsFunc(m.Columns, func(c column) bool { return c.Environment.ArgoCD != nil })
		},
	}
}

// bilingual is a text in both languages, of which the page shows one.
type bilingual struct{ EN, KO string }

// text looks a word up.
func text(key string) (bilingual, error) {
	if found, ok := words()[key]; ok {
		return found, nil
	}
	return bilingual{}, fmt.Errorf("there is no text %q", key)
}

// count is a number of commits.
func count(n int) bilingual {
	if n == 1 {
		return bilingual{"1 commit", "커밋 1개"}
	}
	return bilingual{fmt.Sprintf("%d commits", n), fmt.Sprintf("커밋 %d개", n)}
}

// linked is a text that leads somewhere, if Address is an address.
type linked struct{ Text, Address string }

// busy is how an application is shown that is on its way.
const busy status.State = "busy"

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

// web is an address that a reader may be sent to; "" for everything else.
func web(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}
