package cli

import (
	"os"
	"path/filepath"
	"regexp"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// operateCall matches a workflow's call of the reusable workflow operate. The owner may be another: forks are used too.
var operateCall = regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*[A-Za-z0-9_./-]*\.github/workflows/operate\.yml@`)

// workflowName is a file's name that needs no escaping in an address.
var workflowName = regexp.MustCompile(`^[A-Za-z0-9_.-]+\.ya?ml$`)

// FindOperateWorkflow returns the path of the application's workflow by which people operate, "" where it has none.
func (p *Project) FindOperateWorkflow() string {
	directory := filepath.Join(p.Root, ".github", "workflows")
	entries, err := os.ReadDir(directory)
	if p.Root == "" || err != nil {
		return ""
	}
	for _, entry := range entries {
		if !workflowName.MatchString(entry.Name()) {
			continue
		}
		if data, err := os.ReadFile(filepath.Join(directory, entry.Name())); err == nil && operateCall.Match(data) {
			return ".github/workflows/" + entry.Name()
		}
	}
	return ""
}

// operatePage returns the page on which that workflow is started, "" where there is none.
func (p *Project) operatePage() string {
	workflow := p.FindOperateWorkflow()
	if workflow == "" || p.Commit.URL == "" {
		return ""
	}
	return p.Commit.URL + "/actions/workflows/" + filepath.Base(workflow)
}

// reportOperate reports that page for what deploys. It is where a person decides who has no checkout at hand.
func (env *Env) reportOperate() {
	if (env.Command.DeploysCommit || env.Command.Redeploys) && env.Project.Plan != nil {
		env.Report.Operate = env.Project.operatePage()
	}
}

// noteOperate leads there where a guard has refused.
func (env *Env) noteOperate() {
	if env.Report.Operate != "" && env.Report.Outcome == report.Refused {
		env.Console.Note("to promote, roll back, hold or lift on GitHub: " + env.Report.Operate)
	}
}
