package doctor

import (
	"context"
	"os"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// checkArchives looks whether what `prepare` makes of the same sources is the same: images of archives that differ from run to
// run are built, pushed and restarted with every commit.
func (d *doctorRun) checkArchives(ctx context.Context) doctor.Finding {
	if d.env.Project.Config == nil {
		return skipFinding("needs the configuration")
	}
	if len(d.env.Project.Config.Prepare.Run) == 0 {
		return skipFinding("nothing is prepared")
	}
	survey, err := git.Look(ctx, d.env.Project.Root)
	if err != nil {
		return failFinding(err)
	}
	facts := scaffold.Facts{Survey: survey, Tree: os.DirFS(survey.Root)}
	varying := facts.VaryingArchives(scaffold.Layout{Prepare: d.env.Project.Config.Prepare.Run})
	if len(varying) == 0 {
		return okFinding("no build tool is known to make others of the same sources")
	}
	var tools, remedies []string
	for _, a := range varying {
		tools = append(tools, a.Tool)
		where := ""
		if a.Script != "" {
			where = a.Script + ": "
		}
		remedies = append(remedies, where+a.Remedy)
	}
	return warnFinding(strings.Join(remedies, "\n"),
		"%s makes other archives of the same sources in each run, so that images with them are always built", strings.Join(tools, ", "))
}
