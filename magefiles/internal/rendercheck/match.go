package rendercheck

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
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
	runs, wanted := imageref.Split(rendered), want.Ref
	if !slices.Contains(wanted.Repository.PulledAs(mirrors), imageref.Pulled(runs.Name)) {
		return false
	}
	switch {
	case runs.Digest != "" && wanted.Digest != "":
		return runs.Digest == wanted.Digest.String()
	case runs.Digest != "" && runs.Tag == "":
		return true // which it is tells the check of what is committed
	}
	return runs.Tag == wanted.Tag && runs.Tag != ""
}

// isPinned reports whether a manifest names one of the images by a digest.
func isPinned(e Edit, rendered []renderedImage) bool {
	return slices.ContainsFunc(rendered, func(n renderedImage) bool {
		isOf := func(want Image) bool { return runsImage(want, n.image, e.Mirrors) }
		return imageref.Split(n.image).Digest != "" && slices.ContainsFunc(e.Images, isOf)
	})
}

// almostSame returns how a rendered reference that has an image's tag differs from it, and what to do; empty where none has the tag.
func almostSame(want Image, e Edit, rendered []renderedImage) (difference, remedy string) {
	wanted := want.Ref
	for _, n := range rendered {
		if slices.ContainsFunc(e.Images, func(other Image) bool { return runsImage(other, n.image, e.Mirrors) }) {
			continue // another component's image, under a tag that they share
		}
		runs := imageref.Split(n.image)
		switch {
		case runs.Tag != wanted.Tag:
		case imageref.Pulled(runs.Name) != wanted.Repository:
			difference = cmp.Or(difference, fmt.Sprintf("%s has its tag from another repository\n      pushed    %s\n      rendered  %s",
				n.manifest, wanted.Repository, runs.Name))
			remedy = cmp.Or(remedy,
				fmt.Sprintf("correct the repository in the chart or in the values; or, where %s mirrors %s, say so in the environment "+
					"of astrago.yaml:\n"+
					"mirrors: { %s: %s }", runs.Name, wanted.Repository, wanted.Repository, runs.Name))
		case runs.Digest != "" && runs.Digest != wanted.Digest.String():
			return fmt.Sprintf("%s has its tag beside the digest of another image, which is what runs\n"+
					"      pushed    %s\n      rendered  %s", n.manifest, wanted.Digest, runs.Digest),
				`set the digest too: {{ .Digest }} in ` + "`set`" + ` of astrago.yaml; or remove it from the values`
		}
	}
	return difference, remedy
}
