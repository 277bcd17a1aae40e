package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// exit returns the exit code of the run.
func (r Report) exit() int {
	if r.Error == nil {
		return 0
	}
	return r.Error.Exit
}

// Outputs appends the run's step outputs to the file of $GITHUB_OUTPUT:
//
//	images   repository:tag@digest a line
//	tags     a tag a line, in the same order
//	digests  JSON object, component to digest
//	commit   sha of the commit in the deployment repository; a line each where there are several
//	pull-request  address of the pull request, empty where there is none; a line each where there are several
//	changed  true when a commit changed values, else false
//	outcome  how the run ended: done, nothing to do, failed, refused, cancelled
//	exit     its exit code
//	fingerprint  of what a dry run has shown, for -approved; else empty
//
// The file's format is that of GitHub's "workflow commands": name=value, or name<<delimiter for several lines. The
// delimiter is random, so that no value can end its own block and set other outputs.
func Outputs(w io.Writer, r Report) error {
	var images, tags, commits, pulls []string
	digests := map[component.Name]string{}
	for _, image := range r.Images {
		images, tags = append(images, image.Pinned().String()), append(tags, image.Tag())
		digests[image.Component] = image.Digest.String()
	}
	for _, d := range r.Deployment {
		if d.Commit != "" {
			commits = append(commits, string(d.Commit))
		}
		if d.PullRequest != nil {
			pulls = append(pulls, d.PullRequest.URL)
		}
	}
	encoded, err := json.Marshal(digests)
	if err != nil {
		return fmt.Errorf("encoding the digests: %w", err)
	}
	text := escape.Output("images", strings.Join(images, "\n")) +
		escape.Output("tags", strings.Join(tags, "\n")) +
		escape.Output("digests", string(encoded)) +
		escape.Output("commit", strings.Join(commits, "\n")) +
		escape.Output("pull-request", strings.Join(pulls, "\n")) +
		escape.Output("changed", strconv.FormatBool(r.Changed())) +
		escape.Output("outcome", string(r.Outcome)) +
		escape.Output("exit", strconv.Itoa(r.exit())) +
		escape.Output("fingerprint", r.Fingerprint)
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("writing the step's outputs: %w", err)
	}
	return nil
}
