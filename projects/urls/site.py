"""Routes of site logs, frontline postings and 双九十."""

from django.urls import path

from projects.views import frontline, site

urlpatterns = [
    path("site-logs/", site.sitelog_list, name="sitelog-list"),
    path("site-logs/new/", site.sitelog_create, name="sitelog-create"),
    path("site-logs/<int:pk>/", site.sitelog_detail, name="sitelog-detail"),
    path("site-logs/<int:pk>/files/<int:attachment>/", site.sitelog_attachment, name="sitelog-attachment"),
    path("site-logs/<int:pk>/<slug:step>/", site.sitelog_step, name="sitelog-step"),
    path("projects/people/", site.people_options, name="people-options"),
    path("projects/<int:pk>/site/", site.project_site, name="project-site"),
    path("frontline/", frontline.frontline_list, name="frontline-list"),
    path("frontline/new/", frontline.frontline_create, name="frontline-create"),
    path("frontline/share/", frontline.frontline_share, name="frontline-share"),
    path("frontline/share/<int:pk>/", frontline.frontline_unit, name="frontline-unit"),
    path("frontline/<int:pk>/", frontline.frontline_detail, name="frontline-detail"),
    path("frontline/<int:pk>/<slug:step>/", frontline.frontline_step, name="frontline-step"),
]
