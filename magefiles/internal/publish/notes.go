package publish

import (
	"context"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// notes lists what has changed since the version before.
func notes(ctx context.Context, dir string, p published) (string, error) {
	before, err := git(ctx, dir, "describe", "--tags", "--abbrev=0", "--match=v[0-9]*", "--exclude="+p.tag, p.commit)
	span := p.commit
	if err == nil {
		span = before + ".." + p.commit
	}
	subjects, err := git(ctx, dir, "log", "--no-merges", "--format=%s", span)
	if err != nil {
		return "", fmt.Errorf("listing what has changed: %w", err)
	}
	text := list(subjects)
	if before != "" {
		text = "Changes since " + before + ":\n\n" + text
	}
	return text, nil
}

// most is how many changes a text lists; GitHub takes 65,536 characters.
const most = 300

func list(subjects string) string {
	lines := strings.FieldsFunc(subjects, func(r rune) bool { return r == '\n' })
	var b strings.Builder
	for _, line := range lines[:min(most, len(lines))] {
		b.WriteString("- " + strings.ReplaceAll(line, "@", "@\u200b") + "\n") // no mention of whoever has that name
	}
	if more := len(lines) - most; more > 0 {
		fmt.Fprintf(&b, "- %d more\n", more)
	}
	return b.String()
}

// git runs git in the clone and gives what it prints, without the final newline.
func git(ctx context.Context, dir string, args ...string) (string, error) {
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
