package config

func (l *loader) checkFiles() {}
