package release

import (
	"context"
	"os"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// archives looks whether what `prepare` makes of the same sources is the same: images of archives that differ from run to
// run are built, pushed and restarted with every commit.
func (e *examination) archives(ctx context.Context) doctor.Finding {
	if e.config == nil {
		return skipped("needs the configuration")
	}
	if len(e.config.Prepare.Run) == 0 {
		return skipped("nothing is prepared")
	}
	survey, err := source.Look(ctx, e.root)
	if err != nil {
		return failed(err)
	}
	facts := scaffold.Facts{Survey: survey, Tree: os.DirFS(survey.Root)}
	varying := facts.VaryingArchives(scaffold.Layout{Prepare: e.config.Prepare.Run})
	if len(varying) == 0 {
		return fine("no build tool is known to make others of the same sources")
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
	return warned(strings.Join(remedies, "\n"),
		"%s makes other archives of the same sources in each run, so that images with them are always built", strings.Join(tools, ", "))
}
