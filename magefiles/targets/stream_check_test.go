package targets_test

// check holds the world against the model at a quiet point.
func (s *stream) check() {
	s.noted()
	s.asked, s.building = map[string]string{}, true
	for _, c := range s.commits() {
		if !s.follow(c) {
			return
		}
	}
	for _, a := range s.attempts {
		s.judge(a)
		s.checkOutput(a)
	}
	s.attempts = nil
	s.checkHead()
	s.checkImages()
	s.checkKept()
	s.checkProcesses()
	s.log() // git fsck
	s.count("quiet points")
}

// checkHead compares what the branch has now.
func (s *stream) checkHead() {
	head := s.history[len(s.history)-1]
	for _, environment := range everywhere {
		if got := s.file(valuesPath(environment)); got != s.valuesOf(head, environment) {
			s.t.Errorf("the values of %s are\n%s\nthe model has\n%s", environment, got, s.valuesOf(head, environment))
		}
	}
}
