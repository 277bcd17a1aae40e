package rendercheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// shownImages is the maximum number of lines of images in an error.
const shownImages = 40

// findUnnamed refuses an edit whose images nothing would start: which they are, and what is rendered in their place.
func findUnnamed(e Edit, missing []Image, before, after []renderedImage) error {
	remedy := "correct `set` in astrago.yaml: the chart takes the image from another key of the values"
	lines := make([]string, 0, len(missing)+len(after))
	for _, image := range missing {
		line := "no workload has the image " + image.Ref.WithDigest("").String()
		if difference, way := almostSame(image, e, after); difference != "" {
			line, remedy = difference, way
		}
		lines = append(lines, "  "+string(image.Component)+": "+line)
	}
	lines = append(lines, "  what is rendered:")
	lines = append(lines, imageDifference(before, after)...)
	return problem.New(problem.Refused,
		remedy+"\nnothing was committed",
		"checking the charts of %s: they render, but %d of %d new images would not run\n%s",
		e.Place, len(missing), len(e.Images), strings.Join(lines, "\n"))
}

// imageDifference shows the images of every manifest, those that the edit changes as - and +.
func imageDifference(before, after []renderedImage) []string {
	var lines, seen []string
	for _, n := range slices.Concat(before, after) {
		if slices.Contains(seen, n.manifest) {
			continue
		}
		seen = append(seen, n.manifest)
		old, now := describeWorkload(before, n.manifest), describeWorkload(after, n.manifest)
		lines = append(lines, "  "+n.manifest)
		for _, image := range old {
			mark := " "
			if !slices.Contains(now, image) {
				mark = "-"
			}
			lines = append(lines, "  "+mark+"   image: "+image)
		}
		for _, image := range now {
			if !slices.Contains(old, image) {
				lines = append(lines, "  +   image: "+image)
			}
		}
	}
	if len(lines) == 0 {
		return []string{"  no manifest with an image"}
	}
	if rest := len(lines) - shownImages; rest > 0 {
		lines = append(lines[:shownImages], fmt.Sprintf("  and %d lines more", rest))
	}
	return lines
}

// describeWorkload returns the images of one manifest, each once.
func describeWorkload(all []renderedImage, manifest string) []string {
	var images []string
	for _, n := range all {
		if n.manifest == manifest && !slices.Contains(images, n.image) {
			images = append(images, n.image)
		}
	}
	return images
}
