package proposal

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/message"
)

// maxRows keeps the text below the 65,536 characters that GitHub takes.
const maxRows = 100

// body is the text of the pull request: what changes, which commits that brings, what was checked, and the trailers, which
// a squash may take over from here.
func (p proposal) body() string {
	var b strings.Builder
	if len(p.draft.Changes) > 0 {
		b.WriteString("| component | value | from | to |\n|---|---|---|---|\n")
	}
	for i, c := range p.draft.Changes {
		if i == maxRows {
			fmt.Fprintf(&b, "\nand %d more\n", len(p.draft.Changes)-maxRows)
			break
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", escape.PullRequest(string(c.Component)),
			inCode(fmt.Sprintf("%s:%d %s", c.File, c.Line, c.Path)), inCode(c.Old.String()), inCode(c.New.String()))
		for _, place := range c.Shared {
			fmt.Fprintf(&b, "| | %s | | |\n", inCode(place))
		}
	}
	for _, line := range p.holdLines() {
		b.WriteString("\n" + escape.PullRequest(line) + "\n")
	}
	p.writeCommits(&b)
	if len(p.draft.Changes) > 0 {
		p.writeChecks(&b)
	}
	if p.bump.RunURL != "" {
		b.WriteString("\nMade by " + p.bump.RunURL + "\n")
	}
	b.WriteString("\nThe next release of the same service and environment is proposed here, too, in place of what it replaces.\n")
	b.WriteString("\n```\n" + message.Trailers(p.bump, p.draft, p.verdict).String() + "```\n")
	return b.String()
}

func (p proposal) writeChecks(b *strings.Builder) {
	b.WriteString("\nChecked before:\n")
	for _, image := range p.bump.Images {
		fmt.Fprintf(b, "- %s is in the registry: %s\n", escape.PullRequest(string(image.Component)),
			inCode(image.Ref.Repository.At(image.Digest).String()))
	}
	b.WriteString("- these values are all that differs, every other byte of the files is the same\n")
	for _, line := range p.orderLines() {
		b.WriteString("- " + escape.PullRequest(line) + "\n") // with titles and authors of commits
	}
}

// writeCommits links what the application repository has between the two builds, and lists it as far as it was read.
func (p proposal) writeCommits(b *strings.Builder) {
	hosted, room := strings.HasPrefix(p.bump.Source.URL, "https://"), maxNotes
	for _, old := range guard.Replaced(p.bump, p.draft) {
		if hosted && old.SHA != "" {
			fmt.Fprintf(b, "\nCommits of %s: %s/compare/%s...%s\n", old.Names(), p.bump.Source.URL, old.SHA, old.Ours)
		}
		p.writeNotes(b, old, &room)
	}
}

// holdLines returns what the merge begins and ends: until then a hold holds nothing.
func (p proposal) holdLines() []string {
	var lines []string
	for _, h := range p.bump.Hold {
		line := string(h.Component) + " is held from the merge on"
		if h.Reason != "" {
			line += ": " + h.Reason
		}
		lines = append(lines, line)
	}
	for _, name := range append(p.draft.Lifts(p.bump.Lift), p.draft.Freed(p.verdict.Ended)...) {
		lines = append(lines, "the hold of "+string(name)+" ends with the merge")
	}
	return lines
}

// orderLines returns what the order guard found.
func (p proposal) orderLines() []string {
	switch {
	case len(p.verdict.Notices) > 0:
		return p.verdict.Notices
	case p.bump.Ancestry == nil, p.bump.Rollback != nil:
		return nil
	}
	return []string{"no newer build is deployed"}
}

// inCode shows a value of the file in a table's cell.
func inCode(value string) string { return escape.MarkdownCode(escape.Commit(value)) }
