package plan

import "github.com/xiilab/astrago-ci/magefiles/internal/component"

// WithNeeds returns the image and all that it needs, each once, itself first.
func (i Image) WithNeeds() []Image {
	all, seen := []Image{}, map[component.Name]bool{}
	var add func(Image)
	add = func(image Image) {
		if seen[image.Component] {
			return
		}
		seen[image.Component] = true
		all = append(all, image)
		for _, need := range image.Needs {
			add(need)
		}
	}
	add(i)
	return all
}
