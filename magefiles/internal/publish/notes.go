package publish

import (
	"context"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// releaseNotes returns the changelog's section of the version, and the commits since the previous version.
func (o Options) releaseNotes(ctx context.Context, p publishedVersion) (string, error) {
	before, err := runGit(ctx, o.Dir, "describe", "--tags", "--abbrev=0", "--match=v[0-9]*", "--exclude="+p.tag, string(p.known))
	span := string(p.known)
	if err == nil {
		span = before + ".." + string(p.known)
	}
	changelog, err := o.changelogAt(ctx, p.known)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", changelogPath, err)
	}
	text, err := listChanges(ctx, o.Dir, span)
	if err != nil {
		return "", fmt.Errorf("listing what has changed: %w", err)
	}
	if before != "" {
		text = "Changes since " + before + ":\n\n" + text
	}
	changelog, _ = withVersion(changelog, o.Version, o.Now())
	if entries := changelogSection(changelog, o.Version); entries != "" {
		text = entries + "\n" + text
	}
	return text, nil
}

// maxChanges is the maximum number of changes in a text; GitHub takes 65,536 characters.
const maxChanges = 300

// listChanges lists the subjects of commits, without those that only name a version in the changelog.
func listChanges(ctx context.Context, dir, span string) (string, error) {
	subjects, err := runGit(ctx, dir, "log", "--no-merges", "--invert-grep", "--grep=^"+releaseTrailer, "--format=%s", span)
	if err != nil {
		return "", err
	}
	lines := strings.FieldsFunc(subjects, func(r rune) bool { return r == '\n' })
	var b strings.Builder
	for _, line := range lines[:min(maxChanges, len(lines))] {
		b.WriteString("- " + strings.ReplaceAll(line, "@", "@\u200b") + "\n") // no mention of an account of that name
	}
	if more := len(lines) - maxChanges; more > 0 {
		fmt.Fprintf(&b, "- %d more\n", more)
	}
	return b.String(), nil
}

// runGit runs git in the clone and gives what it prints, without the final newline.
func runGit(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := procgroup.Git(ctx, dir, args...)
	out, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("running git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}
