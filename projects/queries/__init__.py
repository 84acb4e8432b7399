"""Every read of the projects; the row scope comes from `projects.projects_visible_to` alone."""
