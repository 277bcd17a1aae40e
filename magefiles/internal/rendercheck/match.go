package rendercheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// findMissing returns the images that no manifest asks for.
func findMissing(e Edit, rendered []renderedImage) []Image {
	return slices.DeleteFunc(slices.Clone(e.Images), func(want Image) bool {
		return slices.ContainsFunc(rendered, func(n renderedImage) bool { return runsImage(want, n.image, e.Mirrors) })
	})
}

// runsImage reports whether a rendered reference is an image: of the same repository, or its mirror, and where the reference has a
// digest, which then decides over the tag, of the same digest.
func runsImage(want Image, rendered string, mirrors map[string]string) bool {
	repository, tag, digest := splitReference(rendered)
	wantRepository, wantTag, _ := splitReference(want.Ref)
	if !slices.Contains(pullableNames(wantRepository, mirrors), wholeReference(repository)) {
		return false
	}
	switch {
	case digest != "" && want.Digest != "":
		return digest == want.Digest
	case digest != "" && tag == "":
		return true // which it is tells the check of what is committed
	}
	return tag == wantTag && tag != ""
}

// isPinned reports whether a manifest names one of the images by a digest.
func isPinned(e Edit, rendered []renderedImage) bool {
	return slices.ContainsFunc(rendered, func(n renderedImage) bool {
		_, _, digest := splitReference(n.image)
		return digest != "" && slices.ContainsFunc(e.Images, func(want Image) bool { return runsImage(want, n.image, e.Mirrors) })
	})
}

// pullableNames are those that a repository may be pulled by: its own, and those of its mirrors.
func pullableNames(repository string, mirrors map[string]string) []string {
	repository = wholeReference(repository)
	all := []string{repository}
	for _, pushed := range slices.Sorted(maps.Keys(mirrors)) {
		prefix := strings.TrimSuffix(pushed, "/")
		if rest, ok := strings.CutPrefix(repository, prefix); ok && (rest == "" || rest[0] == '/') {
			all = append(all, wholeReference(strings.TrimSuffix(mirrors[pushed], "/")+rest))
		}
	}
	return all
}

// wholeReference is a repository with the registry that a short name stands for (distribution's "familiar" names).
func wholeReference(repository string) string {
	host, rest, found := strings.Cut(repository, "/")
	switch {
	case !found:
		return "docker.io/library/" + repository
	case host == "index.docker.io", host == "registry-1.docker.io":
		host = "docker.io"
	case host != "localhost" && !strings.ContainsAny(host, ".:"):
		return "docker.io/" + repository
	}
	if host = strings.ToLower(host); host == "docker.io" && !strings.Contains(rest, "/") {
		rest = "library/" + rest
	}
	return host + "/" + rest
}

// splitReference takes repository[:tag][@digest] apart; a colon before the last slash belongs to a registry's port.
func splitReference(ref string) (repository, tag, digest string) {
	repository, digest, _ = strings.Cut(ref, "@")
	if colon := strings.LastIndexByte(repository, ':'); colon > strings.LastIndexByte(repository, '/') {
		repository, tag = repository[:colon], repository[colon+1:]
	}
	return repository, tag, digest
}

// almostSame returns how a rendered reference that has an image's tag differs from it, and what to do; empty where none has the tag.
func almostSame(want Image, e Edit, rendered []renderedImage) (difference, remedy string) {
	wantRepository, wantTag, _ := splitReference(want.Ref)
	for _, n := range rendered {
		if slices.ContainsFunc(e.Images, func(other Image) bool { return runsImage(other, n.image, e.Mirrors) }) {
			continue // another component's image, under a tag that they share
		}
		repository, tag, digest := splitReference(n.image)
		switch {
		case tag != wantTag:
		case wholeReference(repository) != wholeReference(wantRepository):
			difference = cmp.Or(difference, fmt.Sprintf("%s has its tag from another repository\n      pushed    %s\n      rendered  %s",
				n.manifest, wantRepository, repository))
			remedy = cmp.Or(remedy,
				fmt.Sprintf("correct the repository in the chart or in the values; or, where %s mirrors %s, say so in the environment "+
					"of astrago.yaml:\n"+
					"mirrors: { %s: %s }", repository, wantRepository, wantRepository, repository))
		case digest != "" && digest != want.Digest:
			return fmt.Sprintf("%s has its tag beside the digest of another image, which is what runs\n"+
					"      pushed    %s\n      rendered  %s", n.manifest, want.Digest, digest),
				`set the digest too: {{ .Digest }} in ` + "`set`" + ` of astrago.yaml; or remove it from the values`
		}
	}
	return difference, remedy
}
