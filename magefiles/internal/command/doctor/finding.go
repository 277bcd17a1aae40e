package doctor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// shownProblems is the number of problems that a finding lists of those found at once.
const shownProblems = 3

// failFinding is an error as a finding.
func failFinding(err error) doctor.Finding {
	first := report.NewError(err)
	all := append([]report.Error{*first}, first.More...)
	var texts, remedies []string
	for _, e := range all[:min(len(all), shownProblems)] {
		texts = append(texts, strings.TrimPrefix(e.Place.String()+": "+e.Message, ": "))
		if e.Remedy != "" && !slices.Contains(remedies, e.Remedy) {
			remedies = append(remedies, e.Remedy)
		}
	}
	text := strings.Join(texts, "; ")
	if n := len(all) - len(texts); n > 0 {
		text += fmt.Sprintf(" (and %s more)", report.Plural(n, "problem"))
	}
	return doctor.Finding{Status: doctor.Fail, Text: text, Remedy: strings.Join(remedies, "\n")}
}

// failedHere is failFinding with the paths of this repository as its people know them.
func (d *doctorRun) failedHere(err error) doctor.Finding {
	f := failFinding(err)
	f.Text = strings.ReplaceAll(f.Text, d.env.Project.Root+string(filepath.Separator), "")
	return f
}

func okFinding(format string, args ...any) doctor.Finding {
	return doctor.Finding{Status: doctor.OK, Text: fmt.Sprintf(format, args...)}
}

func skipFinding(reason string) doctor.Finding {
	return doctor.Finding{Status: doctor.Skipped, Text: reason}
}

func warnFinding(remedy, format string, args ...any) doctor.Finding {
	return doctor.Finding{Status: doctor.Warn, Text: fmt.Sprintf(format, args...), Remedy: remedy}
}
